// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import java.io.Serial;

/** The same for {@code TopicConnectionFactory}: servers tell connection definitions apart by class. */
public final class MillraceTopicManagedConnectionFactory extends MillraceManagedConnectionFactory {
    @Serial
    private static final long serialVersionUID = 1L;
}
