// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Ends a session and its consumers; everything unsettled goes back in offset order.
 *
 * @param receipts receipts not yet sent, applied first
 */
public record CloseSession(long sessionId, List<Acknowledgement> receipts) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.CLOSE_SESSION;
    }
}
