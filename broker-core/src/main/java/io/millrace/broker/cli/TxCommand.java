// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.ListBranches.Branch;
import io.millrace.protocol.message.MillraceResponse;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./millrace tx}: the branches of XA transactions that wait for their transaction manager, and an end by hand. */
@Command(
        name = "tx",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Shows prepared branches of XA transactions and ends them when their transaction manager will not.")
final class TxCommand {
    private static final String LINE = "%-48s %-26s %-24s %9s %12s %12s%n";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private BrokerOptions brokers;

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(name = "list", description = "Lists the branches that are prepared or were ended by hand.")
    int list(
            @Option(
                            names = "--bundles",
                            description = "With the parts of local transactions over several brokers, which these end"
                                    + " by themselves (needs WRITE on the transactional id xa).")
                    boolean bundles) {
        out().printf(Locale.ROOT, LINE, "BRANCH", "STATE", "PREPARED", "SENDS", "BYTES", "ACKNOWLEDGES");
        for (Branch branch : branches(bundles)) {
            out().printf(
                            Locale.ROOT,
                            LINE,
                            branch.id(),
                            state(branch),
                            Instant.ofEpochMilli(branch.preparedAtMs()),
                            branch.parts().stream()
                                    .mapToLong(ListBranches.Part::sends)
                                    .sum(),
                            branch.parts().stream()
                                    .mapToLong(ListBranches.Part::sendBytes)
                                    .sum(),
                            branch.parts().stream()
                                    .mapToLong(ListBranches.Part::acknowledged)
                                    .sum());
        }
        out().flush();
        return 0;
    }

    @Command(name = "show", description = "Shows what one branch does.")
    int show(@Parameters(paramLabel = "BRANCH", description = "As list shows it.") String branch) {
        BranchId id = parse(branch);
        Branch found = branches(id.isOfBundle()).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new CommandFailure("There is no branch " + id + " in this cluster"));
        out().printf("%s is %s since %s%n", found.id(), state(found), Instant.ofEpochMilli(found.preparedAtMs()));
        for (ListBranches.Part part : found.parts()) {
            out().printf(
                            Locale.ROOT,
                            "  %s, partition %d: sends %d messages (%d bytes), finishes with %d%n",
                            part.destination(),
                            part.partition(),
                            part.sends(),
                            part.sendBytes(),
                            part.acknowledged());
        }
        out().flush();
        return 0;
    }

    @Command(
            name = "commit",
            description = "Commits a prepared branch. Its transaction manager is told so (a heuristic outcome).")
    int commit(@Parameters(paramLabel = "BRANCH") String branch) {
        return end(
                parse(branch), Action.COMMIT, "was committed; its transaction manager will be told, until it forgets");
    }

    @Command(
            name = "rollback",
            description = "Rolls a prepared branch back. Its transaction manager is told so (a heuristic outcome).")
    int rollback(@Parameters(paramLabel = "BRANCH") String branch) {
        return end(
                parse(branch),
                Action.ROLLBACK,
                "was rolled back; its transaction manager will be told, until it forgets");
    }

    @Command(
            name = "forget",
            description =
                    "Forgets a branch that was ended by hand and whose transaction manager does not exist any more.")
    int forget(@Parameters(paramLabel = "BRANCH") String branch) {
        return end(parse(branch), Action.FORGET, "is forgotten");
    }

    private int end(BranchId branch, Action action, String done) {
        for (MillraceResponse answer : brokers.sendToAll(new EndBranch(UUID.randomUUID(), branch, action, true))) {
            Outcome outcome = ((EndBranch.Response) answer).outcome();
            if (outcome != Outcome.DONE) {
                throw new CommandFailure("Branch " + branch + " was ended by hand before: "
                        + outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            }
        }
        out().println("Branch " + branch + " " + done);
        out().flush();
        return 0;
    }

    private BranchId parse(String branch) {
        try {
            return BranchId.parse(branch);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<Branch> branches(boolean withBundles) {
        Map<BranchId, Branch> all = new LinkedHashMap<>();
        brokers.sendToAll(new ListBranches(false, withBundles)).stream()
                .flatMap(listed -> ((ListBranches.Response) listed).branches().stream())
                .forEach(part -> all.merge(part.id(), part, TxCommand::joined));
        return List.copyOf(all.values());
    }

    /** A branch over several brokers: what is still prepared counts. */
    private static Branch joined(Branch one, Branch other) {
        List<ListBranches.Part> parts = new ArrayList<>(one.parts());
        parts.addAll(other.parts());
        return new Branch(
                one.id(),
                one.state() == ListBranches.State.PREPARED ? one.state() : other.state(),
                Math.min(one.preparedAtMs(), other.preparedAtMs()),
                parts);
    }

    private static String state(Branch branch) {
        return branch.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
