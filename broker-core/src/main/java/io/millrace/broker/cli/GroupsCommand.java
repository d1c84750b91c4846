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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace groups}: the groups of queues and topic subscriptions. */
@Command(
        name = "groups",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows, resets and deletes the groups of queues and topic subscriptions of a running cluster.")
final class GroupsCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private BrokerOptions brokers;

    @Command(name = "list", description = "Lists all groups.")
    int list() {
        GroupTable.print(spec.commandLine().getOut(), groups(""));
        return 0;
    }

    @Command(name = "show", description = "Shows the groups of one queue or topic.")
    int show(@Parameters(paramLabel = "DESTINATION") String destination) {
        List<ListGroups.Group> found = groups(destination);
        if (found.isEmpty()) {
            throw new CommandFailure("Destination " + destination + " has no group");
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
        manage(destination, name, Action.RESET, startAtMs);
        return told("Group " + name + " of " + destination + " begins anew at " + to);
    }

    @Command(
            name = "delete",
            description = "Deletes a durable subscription that has no consumer, with all it has collected.")
    int delete(
            @Parameters(index = "0", paramLabel = "TOPIC") String topic,
            @Parameters(index = "1", paramLabel = "NAME", description = "As list shows it: CLIENTID/SUBSCRIPTION.")
                    String name) {
        manage(topic, name, Action.DELETE, 0);
        return told("Subscription " + name + " of " + topic + " is deleted");
    }

    private void manage(String destination, String name, Action action, long startAtMs) {
        ListGroups.Group group = groups(destination).stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("Destination " + destination + " has no group " + name));
        brokers.sendToAll(new ManageGroup(destination, group.kind(), name, action, "", startAtMs));
    }

    private int told(String sentence) {
        spec.commandLine().getOut().println(sentence);
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
        return brokers.sendToAll(new ListGroups(destination)).stream()
                .flatMap(listed -> ((ListGroups.Response) listed).groups().stream())
                .toList();
    }
}
