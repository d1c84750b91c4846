// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

/** One kind of work, measured on several servers. Starts its servers and ends them. */
public interface Load {
    /** As the table and the command line call it. */
    String name();

    void run(Lab lab) throws Exception;
}
