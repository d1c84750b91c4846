// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/** Makes a log record of a Jakarta Messaging message and back (docs/interop.md). No state; safe for any thread. */
public final class JmsRecordCodec {
    /** The header with the standard JMS fields. */
    public static final String JMS_HEADER = "jms";

    private JmsRecordCodec() {}

    public static OutgoingRecord encode(JmsRecord message) {
        return new OutgoingRecord(message.timestampMs(), null, message.body(), List.of());
    }

    /**
     * Reads a record as a message. Copies what it needs: the view's buffers may be released afterwards. Never fails for
     * what a sender put into the record; see {@link JmsRecord.Origin}.
     *
     * @param foreignType what a record is that neither a Millrace sender nor a content type describes: {@link
     *     BodyType#TEXT} or {@link BodyType#BYTES}
     */
    public static JmsRecord decode(RecordView view, BodyType foreignType) {
        ByteBuf value = view.value();
        return JmsRecord.builder()
                .origin(JmsRecord.Origin.KAFKA)
                .timestampMs(view.timestampMs())
                .body(foreignType, value == null ? null : ByteBufUtil.getBytes(value))
                .build();
    }
}
