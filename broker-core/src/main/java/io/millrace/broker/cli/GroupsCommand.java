// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.ManageGroup.Action;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ./millrace groups}: the groups of queues and topic subscriptions. */
@Command(
        name = "groups",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows and resets the groups of queues and topic subscriptions of a running broker.")
final class GroupsCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--broker",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            scope = ScopeType.INHERIT,
            description = "The broker to ask (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String broker;

    @Command(name = "list", description = "Lists all groups.")
    int list() {
        GroupTable.print(spec.commandLine().getOut(), groups(""));
        return 0;
    }

    @Command(name = "show", description = "Shows the groups of one queue or topic.")
    int show(@Parameters(paramLabel = "DESTINATION") String destination) {
        List<ListGroups.Group> found = groups(destination);
        if (found.isEmpty()) {
            throw new CommandFailure("Destination " + destination + " has no group on this broker");
        }
        GroupTable.print(spec.commandLine().getOut(), found);
        return 0;
    }

    @Command(
            name = "reset",
            description = "Lets a group begin anew; what its consumers have at the moment is not theirs any more.")
    int reset(
            @Parameters(index = "0", paramLabel = "DESTINATION") String destination,
            @Parameters(index = "1", paramLabel = "NAME", description = "As list shows it.") String name,
            @Option(
                            names = "--to",
                            paramLabel = "earliest|latest|TIME",
                            required = true,
                            description = "Where to begin; a time as 2026-01-31T12:00:00Z.")
                    String to) {
        long startAtMs = startAtMs(to);
        ListGroups.Group group = groups(destination).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("Destination " + destination + " has no group " + name));
        BrokerCall.send(broker, new ManageGroup(destination, group.kind(), name, Action.RESET, "", startAtMs));
        spec.commandLine().getOut().println("Group " + name + " of " + destination + " begins anew at " + to);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static long startAtMs(String to) {
        return switch (to.toLowerCase(Locale.ROOT)) {
            case "earliest" -> ManageGroup.EARLIEST;
            case "latest" -> ManageGroup.LATEST;
            default -> timeOf(to);
        };
    }

    private static long timeOf(String to) {
        try {
            return Instant.parse(to).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw new CommandFailure("--to is " + to + "; give earliest, latest or a time as 2026-01-31T12:00:00Z");
        }
    }

    private List<ListGroups.Group> groups(String destination) {
        return ((ListGroups.Response) BrokerCall.send(broker, new ListGroups(destination))).groups();
    }
}
