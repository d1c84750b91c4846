// SPDX-License-Identifier: Apache-2.0
/** Classic Kafka consumer groups and their offsets, as pure coordinators. */
@NullMarked
package io.millrace.broker.group;

import org.jspecify.annotations.NullMarked;
