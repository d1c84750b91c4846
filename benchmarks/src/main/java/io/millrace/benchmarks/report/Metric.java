// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.report;

/**
 * What one number is.
 *
 * @param name what was measured, as the table calls it
 * @param unit the unit of the number
 */
public record Metric(String name, String unit) {}
