// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a message, for noLocal (Jakarta Messaging 3.1, sections 8.3.1 and 8.3.3): a connection with a client id is
 * known by that, since "its own connection" and "any connection with the same client identifier" are then the same
 * wish; another one by its incarnation. The {@code jms} header carries it.
 */
public final class SenderIdentity {
    private SenderIdentity() {}

    /** The identity of a connection. */
    public static UUID of(UUID clientIncarnation, @Nullable String clientId) {
        return clientId == null ? clientIncarnation : ofClientId(clientId);
    }

    /** The identity of every connection with this client id. */
    public static UUID ofClientId(String clientId) {
        return UUID.nameUUIDFromBytes(("millrace-client-id:" + clientId).getBytes(UTF_8));
    }
}
