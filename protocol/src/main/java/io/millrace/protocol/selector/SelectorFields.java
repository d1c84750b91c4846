// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import org.jspecify.annotations.Nullable;

/** What a selector sees of one message. Read by the thread that evaluates the selector. */
@FunctionalInterface
public interface SelectorFields {
    /**
     * The value of a header field or property, of the type it was set with (Jakarta Messaging 3.1, section 3.8.1.1).
     * JMSDeliveryMode is {@code "PERSISTENT"} or {@code "NON_PERSISTENT"} (section 3.8.1.3).
     *
     * @param name case sensitive
     * @return a Boolean, Byte, Short, Integer, Long, Float, Double or String; {@code null} when there is none. A value
     *     of any other class is like no other value: comparing it gives false
     */
    @Nullable
    Object get(String name);
}
