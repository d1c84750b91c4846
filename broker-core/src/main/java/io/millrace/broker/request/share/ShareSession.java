// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.request.RequestContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a share group reads on this broker over one connection, owned by that connection's network loop:
 *
 * <pre>
 *   epoch 0 --&gt; open, next epoch 1 --each request, from the largest int back to 1--&gt; ... --epoch -1--&gt; closed
 *                    +--------- connection lost, or opened anew by epoch 0 ----------&gt; closed
 * </pre>
 */
final class ShareSession {
    private final SessionKey key;
    private final UUID member;
    private final RequestContext.Connection connection;
    private final Set<ShareTarget> partitions = new LinkedHashSet<>();
    private int nextEpoch = 1;
    private int turn;
    private boolean closed;
    private @Nullable ParkedShareFetch inProgress;

    ShareSession(SessionKey key, RequestContext.Connection connection) {
        this.key = key;
        this.member = memberOf(key.memberId());
        this.connection = connection;
    }

    /** A member's id in a form of bounded size; ids are any text, so two have one form only by breaking SHA-256. */
    static UUID memberOf(String memberId) {
        try {
            ByteBuffer digest = ByteBuffer.wrap(
                    MessageDigest.getInstance("SHA-256").digest(memberId.getBytes(StandardCharsets.UTF_8)));
            return new UUID(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    SessionKey key() {
        return key;
    }

    UUID member() {
        return member;
    }

    RequestContext.Connection connection() {
        return connection;
    }

    /** Whether this is the epoch that comes next; then another one is. */
    boolean takeEpoch(int epoch) {
        if (epoch != nextEpoch) {
            return false;
        }
        nextEpoch = epoch == Integer.MAX_VALUE ? 1 : epoch + 1;
        return true;
    }

    int nextEpoch() {
        return nextEpoch;
    }

    void add(Collection<ShareTarget> targets) {
        partitions.addAll(targets);
    }

    void forget(Collection<ShareTarget> targets) {
        partitions.removeAll(targets);
    }

    Set<ShareTarget> partitions() {
        return partitions;
    }

    /** The partitions, each time another one first. */
    List<ShareTarget> inTurn() {
        List<ShareTarget> all = new ArrayList<>(partitions);
        if (all.size() < 2) {
            return all;
        }
        int first = turn++ % all.size();
        List<ShareTarget> turned = new ArrayList<>(all.subList(first, all.size()));
        turned.addAll(all.subList(0, first));
        return turned;
    }

    boolean isClosed() {
        return closed;
    }

    /** A fetch that is still on its way is answered with what it has. */
    void close() {
        closed = true;
        hurry();
    }

    void onFetch(ParkedShareFetch fetch) {
        hurry();
        inProgress = fetch;
    }

    void onFetched(ParkedShareFetch fetch) {
        if (inProgress == fetch) {
            inProgress = null;
        }
    }

    /** The client's next request is there: it does not wait for the answer any more. */
    void hurry() {
        ParkedShareFetch waiting = inProgress;
        if (waiting != null) {
            waiting.hurry();
        }
    }
}
