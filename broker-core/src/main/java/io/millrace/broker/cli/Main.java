// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.cli.demo.DemoCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code ./millrace}: the command line. Exit codes: 0 done, 1 failed, 2 called wrongly. */
@Command(
        name = "millrace",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "A partitioned-log message broker with a Jakarta Messaging and a Kafka view.",
        subcommands = {StartCommand.class, WarmUpCommand.class, DemoCommand.class})
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        LogDefaults.apply();
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
