// SPDX-License-Identifier: Apache-2.0
/** Who may do what: access rules and their evaluation. */
@NullMarked
package io.millrace.broker.acl;

import org.jspecify.annotations.NullMarked;
