// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How a session names the bundles that it commits one after the other: UUIDs of version 8 (RFC 9562) whose upper half is the
 * session's, drawn at random, and whose lower half counts. So a broker can keep the last outcome of each session, however
 * many bundles others commit meanwhile. Any other UUID names a bundle just as well. Safe for any thread.
 */
public final class BundleIds {
    private static final int VERSION = 8;
    private static final long VERSION_BITS = 0xF000L;
    private static final int VARIANT = 2;
    private static final long VARIANT_BITS = 0xC000_0000_0000_0000L;

    private final long session;
    private final AtomicLong last = new AtomicLong();

    private BundleIds(long session) {
        this.session = session;
    }

    /** The names of a session's bundles. */
    public static BundleIds ofNewSession() {
        long random = UUID.randomUUID().getMostSignificantBits();
        return new BundleIds((random & ~VERSION_BITS) | ((long) VERSION << 12));
    }

    /** The next one's. */
    public UUID next() {
        long number = last.incrementAndGet() & ~VARIANT_BITS;
        return new UUID(session, number | ((long) VARIANT << 62));
    }

    /** Whether a bundle's name says of which session it is. */
    public static boolean saysSession(UUID bundle) {
        return bundle.version() == VERSION && bundle.variant() == VARIANT;
    }

    /** The session; the same for all its bundles. */
    public static long session(UUID bundle) {
        return bundle.getMostSignificantBits();
    }

    /** From 1, in the order in which the session named them. */
    public static long number(UUID bundle) {
        return bundle.getLeastSignificantBits() & ~VARIANT_BITS;
    }
}
