// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

/** The text is not a message selector (Jakarta Messaging 3.1, section 3.8.1.1). The message says where and why. */
public final class InvalidSelectorException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 40;

    private final int position;

    InvalidSelectorException(String selector, int position, String problem) {
        super("The message selector is not valid at character " + (position + 1) + " (" + shown(selector, position)
                + "): " + problem + ".");
        this.position = position;
    }

    /** The index in the selector of the character where it goes wrong: 0 to its length. */
    public int position() {
        return position;
    }

    private static String shown(String selector, int position) {
        if (position >= selector.length()) {
            return "its end";
        }
        int end = Math.min(selector.length(), position + SHOWN);
        return "\"" + selector.substring(position, end) + (end < selector.length() ? "..." : "") + "\"";
    }
}
