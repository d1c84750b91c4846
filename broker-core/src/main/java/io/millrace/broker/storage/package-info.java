// SPDX-License-Identifier: Apache-2.0
/** The log store SPI; implementations live in sub-packages and pass one contract suite. */
@NullMarked
package io.millrace.broker.storage;

import org.jspecify.annotations.NullMarked;
