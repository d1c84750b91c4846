// SPDX-License-Identifier: Apache-2.0
/** Distributed transactions under a real transaction manager, with everything killed. */
package io.millrace.jms.xa;
