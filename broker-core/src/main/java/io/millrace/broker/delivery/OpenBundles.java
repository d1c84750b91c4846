// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The bundles over several brokers that were begun at this one and that are not decided. In memory only: one that is
 * neither here nor recorded as decided was aborted, so that nothing needs to be written to abort (presumed abort), and
 * every client has to begin anew when its link or this broker was lost. Safe for any thread.
 *
 * <pre>
 *   none --begin--> open --claim--> deciding --the append has ended--> none
 *                   open --the link is lost, given up--> none
 * </pre>
 */
final class OpenBundles {
    private static final int MOST = 100_000;
    /** A session has one at a time. */
    private static final int MOST_OF_LINK = 1_000;

    private final Map<UUID, Open> bundles = new HashMap<>();

    private final Map<Long, Integer> ofLinks = new HashMap<>();

    private record Open(long link, PartitionId coordinator, boolean deciding) {}

    /** What became of the wish to decide a bundle. */
    enum Claim {
        /** The caller decides it, and nobody else. */
        CLAIMED,
        /** Another does. */
        BUSY,
        /** It is not open: it was decided, or aborted. */
        NONE,
        /** It was begun, and its parts are named, as one that another partition decides. */
        ELSEWHERE
    }

    /**
     * @param link with which it ends as long as nobody decides it
     * @param coordinator where it will be decided
     */
    synchronized void begin(UUID bundle, long link, PartitionId coordinator) {
        int ofLink = ofLinks.getOrDefault(link, 0);
        if (bundles.size() >= MOST || ofLink >= MOST_OF_LINK) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "This broker coordinates " + bundles.size() + " transactions, " + ofLink
                            + " of them of this connection; the most it does are " + MOST + " and " + MOST_OF_LINK
                            + "; try again");
        }
        if (bundles.containsKey(bundle)) {
            throw new DeliveryException(ErrorCode.BAD_REQUEST, "Bundle " + bundle + " was begun before");
        }
        bundles.put(bundle, new Open(link, coordinator, false));
        ofLinks.put(link, ofLink + 1);
    }

    synchronized boolean isOpen(UUID bundle) {
        return bundles.containsKey(bundle);
    }

    /** Whether one may yet be decided in a topic. */
    synchronized boolean names(UUID topicId) {
        return bundles.values().stream()
                .anyMatch(open -> open.coordinator.topicId().equals(topicId));
    }

    /** @param at the partition that is to record the decision */
    synchronized Claim claim(UUID bundle, PartitionId at) {
        Open open = bundles.get(bundle);
        if (open == null) {
            return Claim.NONE;
        } else if (!open.coordinator.equals(at)) {
            return Claim.ELSEWHERE;
        } else if (open.deciding) {
            return Claim.BUSY;
        }
        bundles.put(bundle, new Open(open.link, at, true));
        return Claim.CLAIMED;
    }

    /** Who claimed it has an outcome: it is recorded, or there is none. */
    synchronized void end(UUID bundle) {
        remove(bundle);
    }

    /** Its client does not want it any more; does nothing when it is being decided. */
    synchronized void giveUp(UUID bundle) {
        Open open = bundles.get(bundle);
        if (open != null && !open.deciding) {
            remove(bundle);
        }
    }

    synchronized void onLinkClosed(long link) {
        if (ofLinks.containsKey(link)) {
            List<UUID> lost = new ArrayList<>();
            bundles.forEach((bundle, open) -> {
                if (open.link == link && !open.deciding) {
                    lost.add(bundle);
                }
            });
            lost.forEach(this::remove);
        }
    }

    private void remove(UUID bundle) {
        Open removed = bundles.remove(bundle);
        if (removed != null) {
            ofLinks.computeIfPresent(removed.link, (link, count) -> count == 1 ? null : count - 1);
        }
    }
}
