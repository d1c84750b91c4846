// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.config.ConfigException;
import io.millrace.broker.server.BrokerStartException;
import io.millrace.broker.server.CallFailure;
import java.io.PrintWriter;
import picocli.CommandLine;

/** Tells the person at the terminal why a command failed. */
final class Failures {
    private Failures() {}

    /** One sentence for what a person can mend; a stack trace only for what nobody expected. */
    static int report(Exception failure, PrintWriter err) {
        if (failure instanceof ConfigException
                || failure instanceof BrokerStartException
                || failure instanceof CallFailure) {
            err.println("millrace: " + failure.getMessage());
        } else {
            err.println("millrace: unexpected failure, please report it");
            failure.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
