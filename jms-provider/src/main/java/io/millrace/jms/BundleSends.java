// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the sends of a transaction into the record batches of its bundle. A partition's records keep their order and are
 * cut into batches well below what a broker takes, so that the size of a transaction is not bound by that of a batch.
 */
final class BundleSends {
    private static final int BATCH_BYTES = 512 << 10;

    private final Map<Target, BatchBuilder> open = new LinkedHashMap<>();
    private final List<Commit.Send> sends = new ArrayList<>();

    private record Target(String topic, int partition) {}

    void add(Outgoing outgoing) {
        OutgoingRecord record = outgoing.record();
        byte[] value = record.value();
        Target target = new Target(outgoing.topic(), outgoing.partition());
        BatchBuilder builder = open.get(target);
        if (builder != null && builder.sizeInBytes() + (value == null ? 0L : value.length) > BATCH_BYTES) {
            finish(target, builder);
            builder = null;
        }
        if (builder == null) {
            builder = new BatchBuilder(ByteBufAllocator.DEFAULT);
            open.put(target, builder);
        }
        builder.add(record.timestampMs(), record.key(), record.value(), record.headers());
    }

    /** The batches, which the caller releases. Ends the use of this object. */
    List<Commit.Send> build() {
        open.forEach(this::finish);
        return sends;
    }

    private void finish(Target target, BatchBuilder builder) {
        sends.add(new Commit.Send(target.topic, target.partition, builder.build()));
    }
}
