// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Partition;

/** Compares the leader epoch a client knows with the present one (KIP-320). */
final class LeaderEpochs {
    private LeaderEpochs() {}

    /** @param known the client's epoch; below 0 it knows none */
    static void check(Partition partition, int known) {
        int present = partition.leaderEpoch();
        if (known < 0 || known == present) {
            return;
        }
        if (known < present) {
            throw new BrokerException(
                    Code.FENCED_LEADER_EPOCH,
                    "Epoch " + known + " of " + partition.id() + " is over; now it is " + present);
        }
        throw new BrokerException(
                Code.UNKNOWN_LEADER_EPOCH,
                "Epoch " + known + " of " + partition.id() + " is ahead of this broker's " + present);
    }
}
