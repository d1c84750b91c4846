// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.ManageGroup.Action;
import io.millrace.protocol.message.SubscriptionKind;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace queues}: what an operator sees of queues and does with them. */
@Command(
        name = "queues",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows and manages the queues of a running cluster.")
final class QueuesCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private BrokerOptions brokers;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(name = "list", description = "Lists all queues.")
    int list() {
        GroupTable.print(out(), queues(""));
        return 0;
    }

    @Command(name = "show", description = "Shows one queue.")
    int show(@Parameters(paramLabel = "QUEUE") String queue) {
        List<ListGroups.Group> found = queues(queue);
        if (found.isEmpty()) {
            throw new CommandFailure("There is no queue " + queue);
        }
        GroupTable.print(out(), found);
        return 0;
    }

    @Command(name = "pause", description = "Stops delivery from a queue, also over restarts; sending goes on.")
    int pause(@Parameters(paramLabel = "QUEUE") String queue) {
        manage(queue, Action.PAUSE, "");
        return told("Queue " + queue + " is paused");
    }

    @Command(name = "resume", description = "Lets a paused queue deliver again.")
    int resume(@Parameters(paramLabel = "QUEUE") String queue) {
        manage(queue, Action.RESUME, "");
        return told("Queue " + queue + " delivers");
    }

    @Command(name = "purge", description = "Drops all messages of a queue that no consumer has.")
    int purge(@Parameters(paramLabel = "QUEUE") String queue) {
        return told(manage(queue, Action.PURGE, "") + " messages of queue " + queue + " were dropped");
    }

    @Command(name = "move", description = "Moves all messages of a queue that no consumer has to another queue.")
    int move(
            @Parameters(paramLabel = "QUEUE") String queue,
            @Option(names = "--to", paramLabel = "QUEUE", required = true, description = "Where they go.") String to) {
        return told(manage(queue, Action.MOVE, to) + " messages were moved from queue " + queue + " to queue " + to);
    }

    @Command(name = "retry", description = "Moves dead letters that came from queues back to these.")
    int retry(@Parameters(paramLabel = "QUEUE", description = "The dead-letter or expiry queue.") String queue) {
        return told(manage(queue, Action.RETRY, "") + " messages of queue " + queue + " went back");
    }

    private int told(String sentence) {
        out().println(sentence);
        out().flush();
        return 0;
    }

    private List<ListGroups.Group> queues(String name) {
        return brokers.sendToAll(new ListGroups(name)).stream()
                .flatMap(listed -> ((ListGroups.Response) listed).groups().stream())
                .filter(group -> group.kind() == SubscriptionKind.QUEUE)
                .toList();
    }

    private long manage(String queue, Action action, String target) {
        ManageGroup request = new ManageGroup(queue, SubscriptionKind.QUEUE, queue, action, target, 0);
        return brokers.sendToAll(request).stream()
                .mapToLong(done -> ((ManageGroup.Response) done).count())
                .sum();
    }
}
