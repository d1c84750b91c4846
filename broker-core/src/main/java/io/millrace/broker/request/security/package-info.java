// SPDX-License-Identifier: Apache-2.0
/** Authentication, quotas and access rules: their APIs, and the filters that enforce them before all handlers. */
@NullMarked
package io.millrace.broker.request.security;

import org.jspecify.annotations.NullMarked;
