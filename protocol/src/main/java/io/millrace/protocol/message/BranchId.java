// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one branch of a distributed transaction, as {@code jakarta.transaction.xa.Xid} does (XA specification, section
 * 4.2): the transaction manager's format id, and up to 64 bytes each, in lower-case hexadecimal digits.
 *
 * @param formatId the transaction manager's format; any number, but not -1, which stands for none
 * @param globalId the global transaction identifier, 1 to 64 bytes
 * @param qualifier the branch qualifier, 0 to 64 bytes
 */
public record BranchId(int formatId, String globalId, String qualifier) {
    /** The most bytes of a global transaction identifier, and of a branch qualifier. */
    public static final int MAX_BYTES = 64;

    /** Names the parts of bundles over several brokers, which are no transaction manager's. */
    private static final int BUNDLES = 0x4d4c5232;

    private static final int BUNDLE_BYTES = 36;
    private static final HexFormat DIGITS = HexFormat.of();

    /**
     * What the name of a bundle's part says.
     *
     * @param bundleId the bundle
     * @param topicId the topic of the partition that decides
     * @param partition and its index
     */
    public record Bundle(UUID bundleId, UUID topicId, int partition) {}

    private static final Pattern TEXT = Pattern.compile("(-?[0-9]{1,10}):([0-9a-f]*):([0-9a-f]*)");

    /** @throws IllegalArgumentException when it is none */
    public BranchId {
        if (formatId == -1 || globalId.isEmpty() || !isHex(globalId) || !isHex(qualifier)) {
            throw new IllegalArgumentException("format " + formatId + " with a global id of " + globalId.length()
                    + " and a qualifier of " + qualifier.length()
                    + " characters is no branch: hexadecimal digits of 1 to 64 and 0 to 64 bytes are expected");
        }
    }

    /** Names a part of a bundle over several brokers, so that who finds it knows whom to ask. */
    public static BranchId ofBundle(Bundle bundle, int number) {
        ByteBuffer id = ByteBuffer.allocate(BUNDLE_BYTES)
                .putLong(bundle.bundleId.getMostSignificantBits())
                .putLong(bundle.bundleId.getLeastSignificantBits())
                .putLong(bundle.topicId.getMostSignificantBits())
                .putLong(bundle.topicId.getLeastSignificantBits())
                .putInt(bundle.partition);
        return new BranchId(
                BUNDLES,
                DIGITS.formatHex(id.array()),
                DIGITS.formatHex(
                        ByteBuffer.allocate(Integer.BYTES).putInt(number).array()));
    }

    /** Whether it is the part of a bundle, not a transaction manager's branch. */
    public boolean isOfBundle() {
        return formatId == BUNDLES && globalId.length() == 2 * BUNDLE_BYTES && qualifier.length() == 2 * Integer.BYTES;
    }

    /** The bundle of which it is a part; fails when it is none. */
    public Bundle bundle() {
        if (!isOfBundle()) {
            throw new IllegalStateException("branch " + this + " is no part of a bundle");
        }
        ByteBuffer id = ByteBuffer.wrap(DIGITS.parseHex(globalId));
        return new Bundle(new UUID(id.getLong(), id.getLong()), new UUID(id.getLong(), id.getLong()), id.getInt());
    }

    /** By hand: a branch is named four times in each transaction, and a pattern was a twelfth of what its delivery to a bean costs. */
    private static boolean isHex(String digits) {
        int length = digits.length();
        if (length % 2 != 0 || length > 2 * MAX_BYTES) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char digit = digits.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static BranchId parse(String text) {
        Matcher parts = TEXT.matcher(text.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no branch; give formatId:globalId:qualifier");
        }
        return new BranchId(Integer.parseInt(parts.group(1)), parts.group(2), parts.group(3));
    }

    @Override
    public String toString() {
        return formatId + ":" + globalId + ":" + qualifier;
    }
}
