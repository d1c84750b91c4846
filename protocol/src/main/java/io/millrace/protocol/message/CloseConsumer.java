// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Ends a consumer: its buffered records go back in offset order, its received ones stay with the session until that
 * settles them or closes. An unshared non-durable subscription ends with it.
 *
 * @param receipts receipts not yet sent, applied first
 */
public record CloseConsumer(long consumerId, List<Acknowledgement> receipts) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.CLOSE_CONSUMER;
    }
}
