// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

/**
 * One producer instance.
 *
 * @param number unique in a run
 * @param exactlyOnce whether each record must be in the log once and in the order of sending; else at least once, in any
 */
record Sender(int number, boolean exactlyOnce) {}
