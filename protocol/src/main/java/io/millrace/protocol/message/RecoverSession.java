// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Returns everything the session holds, buffered and received, in offset order, and starts a new session epoch: parked
 * pulls end, later ones must carry the new epoch (Jakarta Messaging 3.1, section 6.2.11).
 *
 * @param sessionId the session
 * @param sessionEpoch the new epoch, one above the last
 * @param receipts receipts not yet sent, applied first so that delivery counts are right
 */
public record RecoverSession(long sessionId, int sessionEpoch, List<Acknowledgement> receipts)
        implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.RECOVER_SESSION;
    }
}
