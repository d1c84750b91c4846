// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import org.jspecify.annotations.Nullable;

/**
 * A setting that each topic may have.
 *
 * @param key name, type, range, default and documentation
 * @param brokerKey the broker's setting that holds for topics without their own; {@code null} for none
 * @param jmsBrokerKey the one that holds for JMS destinations instead; {@code null} when it is the same
 * @param <T> the value's type
 */
public record TopicConfigKey<T>(
        ConfigKey<T> key,
        @Nullable ConfigKey<T> brokerKey,
        @Nullable ConfigKey<T> jmsBrokerKey) {

    public String name() {
        return key.name();
    }
}
