// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

/** SQL's three-valued logic (Jakarta Messaging 3.1, section 3.8.1.2, tables 3-4 to 3-6). */
enum Truth {
    TRUE,
    FALSE,
    UNKNOWN;

    static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }

    Truth not() {
        return switch (this) {
            case TRUE -> FALSE;
            case FALSE -> TRUE;
            case UNKNOWN -> UNKNOWN;
        };
    }
}
