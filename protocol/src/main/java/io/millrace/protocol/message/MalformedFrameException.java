// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import org.jspecify.annotations.Nullable;

/** A frame that cannot be decoded. The connection it came on cannot be used any more. */
public final class MalformedFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }

    public MalformedFrameException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
