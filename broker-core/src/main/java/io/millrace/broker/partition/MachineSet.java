// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The state machines of one acquisition, by tag. Confined to the recovery thread, then to the owner. */
final class MachineSet {
    private final Map<Byte, StateMachine> byTag = new TreeMap<>();

    void add(StateMachine machine) {
        StateMachine other = byTag.putIfAbsent(machine.tag(), machine);
        if (other != null) {
            throw new IllegalStateException("State machines " + other.getClass().getName() + " and "
                    + machine.getClass().getName() + " both use tag " + machine.tag());
        }
    }

    void replay(byte tag, ByteBuf payload) {
        StateMachine machine = byTag.get(tag);
        if (machine == null) {
            throw new BrokerException(
                    BrokerException.Code.STORAGE_FAILED,
                    "No state machine reads STATE records of tag " + tag + "; they were written by another version");
        }
        machine.replay(payload);
    }

    <T extends StateMachine> T get(Class<T> type) {
        for (StateMachine machine : byTag.values()) {
            if (type.isInstance(machine)) {
                return type.cast(machine);
            }
        }
        throw new IllegalStateException("The partition has no state machine of " + type);
    }

    long retentionFloor(TopicConfig config) {
        return byTag.values().stream()
                .mapToLong(machine -> machine.retentionFloor(config))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Any thread, once the partition serves. */
    long stable(long highWatermark) {
        long stable = highWatermark;
        for (StateMachine machine : byTag.values()) {
            stable = Math.min(stable, machine.stable(highWatermark));
        }
        return stable;
    }

    List<StateRecord> snapshot() {
        List<StateRecord> records = new ArrayList<>();
        byTag.values().forEach(machine -> machine.snapshot(records::add));
        return records;
    }

    void onServing() {
        byTag.values().forEach(StateMachine::onServing);
    }

    void onHighWatermark(long highWatermark) {
        byTag.values().forEach(machine -> machine.onHighWatermark(highWatermark));
    }

    void onLost() {
        byTag.values().forEach(StateMachine::onLost);
    }
}
