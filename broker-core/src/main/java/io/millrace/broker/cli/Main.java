// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.cli.demo.DemoCommand;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code ./millrace}: the command line. Exit codes: 0 done, 1 failed, 2 called wrongly. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = Version.Provider.class,
        description = "A partitioned-log message broker with a Jakarta Messaging and a Kafka view.",
        subcommands = {
            StartCommand.class,
            QueuesCommand.class,
            GroupsCommand.class,
            TxCommand.class,
            WarmUpCommand.class,
            DemoCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        LogDefaults.apply();
        DeferredTls.install();
        if (args.length > 0 && args[0].equals("start")) {
            // Past picocli, which would take a third of the start's time: see StartOptions.
            System.exit(StartCommand.run(List.of(args).subList(1, args.length)));
        }
        System.exit(commandLine().execute(args.length == 0 ? new String[] {"--help"} : args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::calledWrongly)
                .setExecutionExceptionHandler((failure, command, parsed) -> Failures.report(failure, command.getErr()));
    }

    private static int calledWrongly(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("millrace: " + failure.getMessage());
        err.println(
                "Try 'millrace " + (command.getParent() == null ? "" : command.getCommandName() + " ") + "--help'.");
        return CommandLine.ExitCode.USAGE;
    }
}
