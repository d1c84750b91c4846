// SPDX-License-Identifier: Apache-2.0
/** Local transactions, and distributed ones under a real transaction manager, with everything killed. */
package io.millrace.jms.torture;
