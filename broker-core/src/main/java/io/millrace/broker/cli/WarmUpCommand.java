// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.server.EmbeddedBroker;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Starts and stops a broker, so that the launcher's JVM can archive the classes it loads (AppCDS). */
@Command(name = "warm-up", hidden = true, description = "Starts a broker on a temporary directory and stops it.")
final class WarmUpCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        EmbeddedBroker.start().close();
        return 0;
    }
}
