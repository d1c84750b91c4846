// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import org.jspecify.annotations.Nullable;

/**
 * A setting that each group may have.
 *
 * @param key name, type, range, default and documentation
 * @param brokerKey the broker's setting that holds for groups without their own; {@code null} for none
 * @param minKey the broker's setting of the least value a group may set; {@code null} where there is none
 * @param maxKey the broker's setting of the largest; {@code null} where there is none
 * @param <T> the value's type
 */
public record GroupConfigKey<T>(
        ConfigKey<T> key,
        @Nullable ConfigKey<T> brokerKey,
        @Nullable ConfigKey<Integer> minKey,
        @Nullable ConfigKey<Integer> maxKey) {

    public String name() {
        return key.name();
    }
}
