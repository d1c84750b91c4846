// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.OpenBundles.Claim;
import io.millrace.broker.delivery.PartitionSpills.Applying;
import io.millrace.broker.delivery.StateSpace.Explored;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ListBranches.State;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every history, up to a length, of one bundle over two brokers (docs/decisions/0020-coordinated-bundles.md): the client's
 * steps, requests that arrive late or never, answers that get lost, crashes of either broker that keep or lose what was not
 * synced, the end of the client, and what the brokers do by themselves. The records, their replay, {@link OpenBundles},
 * {@link PartitionDecisions} and {@link PartitionBranches} are the broker's own. After each history, when everybody who
 * is left has done what he can: both parts took place or neither, as the client was told, and nothing is left behind.
 */
class DecisionStateSpaceTest {
    private static final int DEPTH = 32;
    private static final int LINKS = 3;
    private static final UUID BUNDLE = new UUID(0, 1);
    private static final PartitionId AT_COORDINATOR = new PartitionId(new UUID(0, 7), "here", 0);
    private static final PartitionId AT_PARTICIPANT = new PartitionId(new UUID(0, 8), "there", 0);
    private static final BranchId PART = BranchId.ofBundle(new BranchId.Bundle(BUNDLE, AT_COORDINATOR.topicId(), 0), 0);
    private static final List<Commit.Participant> PARTICIPANTS = List.of(new Commit.Participant(0, 2));

    private enum Step {
        BEGIN,
        SEND_PREPARE,
        PREPARE_ARRIVES,
        HEAR_PREPARED,
        GIVE_UP,
        ROLL_PART_BACK,
        SEND_DECISION,
        DECISION_ARRIVES,
        DECISION_IS_APPENDED,
        GIVE_UP_IN_DOUBT,
        HEAR_COMMITTED,
        APPLY_PART,
        END_BUNDLE,
        LOSE_LINK,
        CLIENT_DIES,
        PARTICIPANT_ASKS,
        COORDINATOR_DRIVES,
        SYNC_COORDINATOR,
        SYNC_PARTICIPANT,
        WRITE_PIECE_AT_COORDINATOR,
        WRITE_PIECE_AT_PARTICIPANT,
        CRASH_COORDINATOR,
        CRASH_COORDINATOR_LOSING,
        CRASH_PARTICIPANT,
        CRASH_PARTICIPANT_LOSING
    }

    private enum Known {
        NOTHING,
        COMMITTED,
        ABORTED
    }

    /** Records appended together, with a message of what lies on the disk or none. */
    private record Frame(List<ByteBuf> state, boolean applies, boolean isPiece) {}

    /** A broker's journal, and what of it is to be written to its one partition yet. */
    private static final class Journal {
        private final PartitionId partition;
        private final List<Frame> frames = new ArrayList<>();
        private PartitionSpills spills;
        private int durable;

        Journal(PartitionId partition) {
            this.partition = partition;
            this.spills = new PartitionSpills(partition, new SpillIndex());
        }

        boolean isDurable() {
            return durable == frames.size();
        }

        int applied() {
            return (int) frames.stream().filter(Frame::applies).count();
        }

        /** Messages in the partition. */
        private static int messages(List<Frame> frames) {
            return (int) frames.stream().filter(Frame::isPiece).count();
        }

        int messages() {
            return messages(frames);
        }

        /** Messages that readers see. */
        long visible() {
            return spills.stable(messages(frames.subList(0, durable)));
        }

        boolean isWritten() {
            return spills.all().isEmpty();
        }

        void sync() {
            durable = frames.size();
            spills.onHighWatermark(messages());
        }

        /** To be replayed. */
        void crash(boolean losing) {
            if (losing) {
                frames.subList(durable, frames.size()).clear();
            }
            durable = frames.size();
            spills = new PartitionSpills(partition, new SpillIndex());
        }
    }

    /** The client, the brokers and what is on its way between them. */
    private static final class World extends StateSpace.World<Step> {
        /** How many messages each part has on the disk; 0 where it has none there. */
        private final int pieces;

        private final Set<String> ends;
        private final Journal coordinator = new Journal(AT_COORDINATOR);
        private final Journal participant = new Journal(AT_PARTICIPANT);
        private Journal replaying = coordinator;
        private OpenBundles open = new OpenBundles();
        private PartitionDecisions decisions = new PartitionDecisions(AT_COORDINATOR, new DecisionIndex());
        private PartitionBranches branches = new PartitionBranches(AT_PARTICIPANT, new BranchIndex());
        private long link = 1;
        private boolean begun;
        private boolean alive = true;
        private boolean prepareSent;
        private boolean prepareOnItsWay;
        private boolean prepared;
        private boolean decisionSent;
        private boolean decisionOnItsWay;
        private boolean claimed;
        private boolean deciding;
        private Known known = Known.NOTHING;

        World(int pieces, Set<String> ends) {
            this.pieces = pieces;
            this.ends = ends;
        }

        private void append(Journal journal, boolean applies, StateRecord... records) {
            append(journal, new Frame(payloads(List.of(records)), applies, false));
        }

        private void append(Journal journal, Frame frame) {
            journal.frames.add(frame);
            replay(journal, frame);
        }

        private void replay(Journal journal, Frame frame) {
            replaying = journal;
            for (ByteBuf record : frame.state()) {
                ByteBuf in = record.duplicate();
                byte type = in.readByte();
                BranchRecords.read(type, in.readInt(), in, this);
            }
        }

        private boolean isPrepared() {
            return branches.find(PART) != null;
        }

        @Override
        boolean act(Step step) {
            return switch (step) {
                case BEGIN -> alive && !begun && begin();
                case SEND_PREPARE -> alive && begun && !prepareSent && known == Known.NOTHING && sendPrepare();
                case PREPARE_ARRIVES -> prepareOnItsWay && prepare();
                case HEAR_PREPARED ->
                    alive
                            && prepareSent
                            && !prepared
                            && known == Known.NOTHING
                            && isPrepared()
                            && participant.isDurable()
                            && hearPrepared();
                case GIVE_UP -> alive && prepareSent && !decisionSent && known == Known.NOTHING && giveUp();
                case ROLL_PART_BACK -> alive && known == Known.ABORTED && isPrepared() && endPart(false);
                case SEND_DECISION ->
                    alive && prepared && known == Known.NOTHING && !decisionOnItsWay && sendDecision();
                case DECISION_ARRIVES -> decisionOnItsWay && decide();
                case DECISION_IS_APPENDED -> claimed && appendDecision();
                case GIVE_UP_IN_DOUBT -> alive && decisionSent && known == Known.NOTHING && giveUpInDoubt();
                case HEAR_COMMITTED ->
                    alive
                            && decisionSent
                            && known == Known.NOTHING
                            && isRemembered()
                            && coordinator.isDurable()
                            && coordinator.isWritten()
                            && know(Known.COMMITTED);
                case APPLY_PART -> alive && known == Known.COMMITTED && isPrepared() && endPart(true);
                case END_BUNDLE -> alive && known == Known.COMMITTED && partIsOver() && forget();
                case LOSE_LINK -> alive && link < LINKS && loseLink();
                case CLIENT_DIES -> alive && die();
                case PARTICIPANT_ASKS -> isPrepared() && ask();
                case COORDINATOR_DRIVES -> decisions.find(BUNDLE) != null && coordinator.isDurable() && drive();
                case SYNC_COORDINATOR -> !coordinator.isDurable() && syncCoordinator();
                case SYNC_PARTICIPANT -> !participant.isDurable() && syncParticipant();
                case WRITE_PIECE_AT_COORDINATOR -> writePiece(coordinator);
                case WRITE_PIECE_AT_PARTICIPANT -> writePiece(participant);
                case CRASH_COORDINATOR -> crashCoordinator(false);
                case CRASH_COORDINATOR_LOSING -> !coordinator.isDurable() && crashCoordinator(true);
                case CRASH_PARTICIPANT -> crashParticipant(false);
                case CRASH_PARTICIPANT_LOSING -> !participant.isDurable() && crashParticipant(true);
            };
        }

        private boolean hearPrepared() {
            prepared = true;
            return true;
        }

        private boolean sendDecision() {
            decisionSent = true;
            decisionOnItsWay = true;
            return true;
        }

        private boolean syncParticipant() {
            participant.sync();
            return true;
        }

        private static Spilled spilled(PartitionId partition, int messages) {
            return new Spilled(partition.topicId(), messages, messages, messages);
        }

        /** As {@link SpillApplier}: each is durable before the next one, and the commit before the first. */
        private boolean writePiece(Journal at) {
            if (at.isWritten() || !at.isDurable()) {
                return false;
            }
            Applying first = at.spills.all().iterator().next();
            StateRecord written =
                    BranchRecords.applied(first.spilled().log(), first.next() + 1, at.messages(), at.messages() + 1L);
            append(at, new Frame(payloads(List.of(written)), false, true));
            return true;
        }

        private boolean begin() {
            open.begin(BUNDLE, link, AT_COORDINATOR);
            begun = true;
            return true;
        }

        private boolean sendPrepare() {
            prepareSent = true;
            prepareOnItsWay = true;
            return true;
        }

        private boolean prepare() {
            prepareOnItsWay = false;
            append(
                    participant,
                    false,
                    BranchRecords.prepared(new PreparedBranch(
                            PART,
                            new UUID(0, 2),
                            0,
                            List.of(AT_PARTICIPANT),
                            List.of(),
                            pieces == 0 ? null : spilled(AT_PARTICIPANT, pieces),
                            pieces,
                            0,
                            State.PREPARED)));
            return true;
        }

        private boolean giveUp() {
            open.giveUp(BUNDLE);
            return know(Known.ABORTED);
        }

        private boolean know(Known now) {
            known = now;
            return true;
        }

        private boolean endPart(boolean commits) {
            PreparedBranch part = branches.find(PART);
            Spilled spilled = part == null ? null : part.spilled();
            if (commits && spilled != null) {
                append(
                        participant,
                        true,
                        BranchRecords.ended(PART, null),
                        BranchRecords.applying(Applying.of(BUNDLE, spilled)));
            } else {
                append(participant, commits, BranchRecords.ended(PART, null));
            }
            return true;
        }

        /** As a broker answers that it does not have the part: once its end is durable. */
        private boolean partIsOver() {
            return !isPrepared() && participant.isDurable();
        }

        private boolean decide() {
            decisionOnItsWay = false;
            Claim claim = open.claim(BUNDLE, AT_COORDINATOR);
            if (claim == Claim.CLAIMED) {
                claimed = true;
            } else if (claim == Claim.NONE && !isRemembered() && known == Known.NOTHING) {
                return know(Known.ABORTED);
            }
            return true;
        }

        /** Once it holds all partitions of its own part, which may be a while after the claim. */
        private boolean appendDecision() {
            claimed = false;
            StateRecord decided = BranchRecords.decided(BUNDLE, PARTICIPANTS);
            if (pieces == 0) {
                append(coordinator, true, decided);
            } else {
                append(
                        coordinator,
                        true,
                        BranchRecords.applying(Applying.of(BUNDLE, spilled(AT_COORDINATOR, pieces))),
                        decided);
            }
            deciding = true;
            return true;
        }

        /** As a client does that fails while it waits for the answer: it knows nothing and says so. */
        private boolean giveUpInDoubt() {
            boolean was = open.isOpen(BUNDLE);
            open.giveUp(BUNDLE);
            return was && !open.isOpen(BUNDLE);
        }

        /** The outcome of a bundle is remembered longer than who has to apply it: see {@link BundleOutcomes}. */
        private boolean isRemembered() {
            return coordinator.applied() > 0;
        }

        private boolean syncCoordinator() {
            coordinator.sync();
            if (deciding) {
                open.end(BUNDLE);
                deciding = false;
            }
            return true;
        }

        private boolean forget() {
            if (decisions.find(BUNDLE) == null) {
                return false;
            }
            append(coordinator, false, BranchRecords.forgotten(BUNDLE));
            return true;
        }

        /** The client comes back over a new one: by then nothing that left over the old one is taken any more. */
        private boolean loseLink() {
            open.onLinkClosed(link++);
            decisionOnItsWay = false;
            return true;
        }

        /** What it has sent may be taken after it. */
        private boolean die() {
            alive = false;
            if (!decisionOnItsWay) {
                open.onLinkClosed(link);
            }
            return true;
        }

        private boolean ask() {
            return switch (decisions.verdict(open, BUNDLE)) {
                case OPEN -> false;
                case COMMITTED -> coordinator.isDurable() && endPart(true); // it is recorded once more, and waited for
                case ABORTED -> endPart(false);
            };
        }

        private boolean drive() {
            if (isPrepared()) {
                return endPart(true);
            }
            return participant.isDurable() && forget();
        }

        private boolean crashCoordinator(boolean losing) {
            if ((coordinator.frames.isEmpty() && !begun) || link >= LINKS) {
                return false;
            }
            coordinator.crash(losing);
            link++;
            decisionOnItsWay = false;
            deciding = false;
            claimed = false;
            open = new OpenBundles();
            decisions = new PartitionDecisions(AT_COORDINATOR, new DecisionIndex());
            coordinator.frames.forEach(frame -> replay(coordinator, frame));
            return true;
        }

        private boolean crashParticipant(boolean losing) {
            if (participant.frames.isEmpty()) {
                return false;
            }
            boolean was = isPrepared();
            participant.crash(losing);
            prepareOnItsWay = false;
            branches = new PartitionBranches(AT_PARTICIPANT, new BranchIndex());
            participant.frames.forEach(frame -> replay(participant, frame));
            return losing || was != isPrepared() || !alive || !participant.isWritten();
        }

        /** The client has gone; whoever is left does what he can. */
        void settle() {
            for (Step step : List.of(
                    Step.PREPARE_ARRIVES,
                    Step.DECISION_ARRIVES,
                    Step.DECISION_IS_APPENDED,
                    Step.CLIENT_DIES,
                    Step.SYNC_COORDINATOR,
                    Step.SYNC_PARTICIPANT)) {
                act(step);
            }
            open.onLinkClosed(link);
            for (int i = 0; i < 4 + pieces; i++) {
                for (Step step : List.of(
                        Step.WRITE_PIECE_AT_COORDINATOR,
                        Step.WRITE_PIECE_AT_PARTICIPANT,
                        Step.PARTICIPANT_ASKS,
                        Step.SYNC_PARTICIPANT,
                        Step.COORDINATOR_DRIVES,
                        Step.SYNC_PARTICIPANT,
                        Step.SYNC_COORDINATOR)) {
                    act(step);
                }
            }
        }

        /** Of each part all is to be seen, or nothing. */
        @Override
        void check(List<Step> history) {
            for (Journal at : List.of(coordinator, participant)) {
                long seen = at.visible();
                assertTrue(seen == 0 || seen == pieces, () -> history + ": half of a part is seen: " + seen);
            }
        }

        @Override
        void checkEnd(List<Step> steps) {
            String history = steps.toString();
            settle();
            check(steps);
            ends.add(known + "/" + coordinator.applied());
            for (Journal at : List.of(coordinator, participant)) {
                assertEquals(at.applied() * pieces, at.messages(), history + ": messages in the partition");
                assertEquals(at.messages(), at.visible(), history + ": messages that are seen");
                assertTrue(at.isWritten(), history + ": pieces are left to be written");
            }
            assertTrue(coordinator.applied() <= 1, history + ": the coordinator's part took place twice");
            assertTrue(participant.applied() <= 1, history + ": the participant's part took place twice");
            assertEquals(coordinator.applied(), participant.applied(), history + ": half done");
            assertTrue(known != Known.COMMITTED || coordinator.applied() == 1, history + ": lost");
            assertTrue(known != Known.ABORTED || coordinator.applied() == 0, history + ": there against what was told");
            assertTrue(!isPrepared(), history + ": the part is left behind");
            assertTrue(decisions.find(BUNDLE) == null, history + ": the decision is left behind");
            assertTrue(!open.isOpen(BUNDLE), history + ": the bundle is left open");
        }

        @Override
        String state() {
            return open.isOpen(BUNDLE) + "," + claimed + deciding + "," + (decisions.find(BUNDLE) != null) + ","
                    + isPrepared() + ","
                    + link + begun + alive + prepareSent + prepareOnItsWay + prepared + decisionSent + decisionOnItsWay
                    + known + coordinator.isDurable() + participant.isDurable() + describe(coordinator)
                    + describe(participant);
        }

        private static String describe(Journal journal) {
            StringBuilder text = new StringBuilder("|")
                    .append(journal.durable)
                    .append(journal.spills.all())
                    .append(journal.visible());
            for (Frame frame : journal.frames) {
                text.append(frame.applies()).append(frame.state().get(0).getByte(0));
            }
            return text.toString();
        }

        @Override
        public void onPrepared(PreparedBranch part) {
            branches.put(part);
        }

        @Override
        public void onEnded(BranchId branch, @Nullable State heuristic) {
            branches.end(branch, heuristic);
        }

        @Override
        public void onDecided(UUID bundle, List<Commit.Participant> participants) {
            decisions.put(bundle, participants);
        }

        @Override
        public void onForgotten(UUID bundle) {
            decisions.remove(bundle);
        }

        @Override
        public void onApplying(Applying committed) {
            replaying.spills.begin(committed);
        }

        @Override
        public void onApplied(UUID log, long next, long dataFirst, long dataEnd) {
            replaying.spills.applied(log, next, dataFirst, dataEnd);
        }
    }

    /** @param pieces of each part on the disk: written piece by piece once the part is committed (docs/decisions/0025) */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void everyHistoryEndsWithBothPartsOrNeitherAsTheClientWasTold(int pieces) {
        Set<String> ends = new HashSet<>();

        Explored<Step> explored = StateSpace.explore(Step.class, () -> new World(pieces, ends), DEPTH);

        Set<Step> possible = EnumSet.allOf(Step.class);
        if (pieces == 0) {
            possible.removeAll(Set.of(Step.WRITE_PIECE_AT_COORDINATOR, Step.WRITE_PIECE_AT_PARTICIPANT));
        }
        assertEquals(possible, explored.taken());
        assertEquals(Set.of("NOTHING/0", "NOTHING/1", "COMMITTED/1", "ABORTED/0"), ends);
        assertTrue(explored.states() > (pieces == 0 ? 250 : 1_000), "only " + explored.states() + " states");
    }
}
