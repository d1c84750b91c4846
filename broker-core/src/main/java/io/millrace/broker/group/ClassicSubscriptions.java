// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The topics that a classic group's consumers subscribe to, from the metadata they send their assignor. The broker needs
 * them only to know whose offsets may be deleted. Every version begins alike:
 *
 * <pre>
 *   i16 version | i32 n | n x (i16 length | UTF-8 name) | ...
 * </pre>
 */
final class ClassicSubscriptions {
    private ClassicSubscriptions() {}

    /** Metadata that cannot be read may mean any topic. */
    static Predicate<String> of(Collection<GroupMember> members) {
        Set<String> topics = new HashSet<>();
        for (GroupMember member : members) {
            for (MemberProtocol protocol : member.protocols()) {
                if (!addTopics(ByteBuffer.wrap(protocol.metadata().array()), topics)) {
                    return topic -> true;
                }
            }
        }
        return topics::contains;
    }

    private static boolean addTopics(ByteBuffer metadata, Set<String> topics) {
        try {
            metadata.getShort();
            int count = metadata.getInt();
            for (int i = 0; i < count; i++) {
                int length = metadata.getShort();
                if (length < 0 || length > metadata.remaining()) {
                    return false;
                }
                byte[] name = new byte[length];
                metadata.get(name);
                topics.add(new String(name, StandardCharsets.UTF_8));
            }
            return count >= 0;
        } catch (BufferUnderflowException tooShort) {
            return false;
        }
    }
}
