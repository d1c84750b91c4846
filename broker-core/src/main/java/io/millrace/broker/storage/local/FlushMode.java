// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.Locale;

/** When an append is answered; docs/decisions/0006-segments-and-flush-os.md says what each keeps. */
public enum FlushMode {
    /** Once the journal is synced: it survives a crash of the machine. */
    COMMIT,
    /** Once it is written: it survives a crash of the process, the operating system brings it to the disk later. */
    OS;

    /** From its name in lower case. */
    static FlushMode of(String name) {
        for (FlushMode mode : values()) {
            if (mode.text().equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("flush is '" + name + "'; it must be commit or os");
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
