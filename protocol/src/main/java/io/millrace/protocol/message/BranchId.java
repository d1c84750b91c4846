// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.Locale;
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

    private static final Pattern TEXT = Pattern.compile("(-?[0-9]{1,10}):([0-9a-f]*):([0-9a-f]*)");

    /** @throws IllegalArgumentException when it is none */
    public BranchId {
        if (formatId == -1 || globalId.isEmpty() || !isHex(globalId) || !isHex(qualifier)) {
            throw new IllegalArgumentException("format " + formatId + " with a global id of " + globalId.length()
                    + " and a qualifier of " + qualifier.length()
                    + " characters is no branch: hexadecimal digits of 1 to 64 and 0 to 64 bytes are expected");
        }
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
