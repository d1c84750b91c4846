// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code run LOAD...}: some of the loads. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Runs the named loads.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private Scales scales = new Scales();

    @Parameters(
            arity = "1..*",
            paramLabel = "LOAD",
            completionCandidates = Names.class,
            description = "One of: ${COMPLETION-CANDIDATES}.")
    private List<String> loads = List.of();

    @Override
    public Integer call() throws IOException {
        return new Run(scales).of(loads.stream().map(Loads::named).toList());
    }

    /** The loads there are, for the help text. */
    private static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Loads.names().iterator();
        }
    }
}
