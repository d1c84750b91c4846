// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Requests and answers with random fields. */
final class RandomMessages {
    private final Random random;

    RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    MillraceRequest request(MillraceApi api) {
        return switch (api) {
            case CONNECT -> new Connect(uuid(), nullableText(), random.nextInt());
            case OPEN_DESTINATION -> new OpenDestination(text(), pick(DestinationKind.values()));
            case SUBSCRIBE ->
                new Subscribe(
                        random.nextLong(),
                        random.nextLong(),
                        pick(SubscriptionKind.values()),
                        text(),
                        text(),
                        list(random::nextInt),
                        nullableText(),
                        random.nextBoolean(),
                        random.nextLong(),
                        new Redelivery(
                                random.nextInt(),
                                random.nextLong(),
                                random.nextDouble(),
                                random.nextLong(),
                                nullableText()));
            case PULL ->
                new Pull(
                        random.nextLong(),
                        random.nextInt(),
                        random.nextInt(),
                        random.nextInt(),
                        random.nextInt(),
                        acks());
            case DRAIN -> new Drain(random.nextLong());
            case ACKNOWLEDGE -> new Acknowledge(random.nextLong(), acks(), random.nextBoolean());
            case RECOVER_SESSION -> new RecoverSession(random.nextLong(), random.nextInt(), acks());
            case CLOSE_CONSUMER -> new CloseConsumer(random.nextLong(), acks());
            case CLOSE_SESSION -> new CloseSession(random.nextLong(), acks());
            case COMMIT ->
                new Commit(
                        random.nextLong(),
                        uuid(),
                        list(() -> new Commit.Send(text(), random.nextInt(), buffer())),
                        acks(),
                        text(),
                        random.nextInt(),
                        list(() -> new Commit.Participant(random.nextInt(), random.nextInt())),
                        new Spill.Pieces(uuid(), random.nextInt()));
            case PREPARE ->
                new Prepare(
                        random.nextLong(),
                        uuid(),
                        branch(),
                        list(() -> new Commit.Send(text(), random.nextInt(), buffer())),
                        acks(),
                        new Spill.Pieces(uuid(), random.nextInt()));
            case SPILL ->
                new Spill(uuid(), random.nextInt(), list(() -> new Commit.Send(text(), random.nextInt(), buffer())));
            case END_BRANCH -> new EndBranch(uuid(), branch(), pick(EndBranch.Action.values()), random.nextBoolean());
            case LIST_BRANCHES -> new ListBranches(random.nextBoolean(), random.nextBoolean());
            case BEGIN_BUNDLE -> new BeginBundle(uuid(), text(), random.nextInt());
            case ASK_DECISION -> new AskDecision(uuid(), uuid(), random.nextInt());
            case END_BUNDLE -> new EndBundle(uuid(), text(), random.nextInt(), random.nextBoolean());
            case ASK_DELETION -> new AskDeletion(uuid());
            case HEARTBEAT -> new Heartbeat();
            case BROWSE ->
                new Browse(
                        text(),
                        random.nextInt(),
                        random.nextLong(),
                        random.nextLong(),
                        nullableText(),
                        random.nextInt(),
                        random.nextInt());
            case CREATE_TEMPORARY -> new CreateTemporary(pick(DestinationKind.values()));
            case DELETE_TEMPORARY -> new DeleteTemporary(text());
            case UNSUBSCRIBE -> new Unsubscribe(text());
            case DISCONNECT -> new Disconnect();
            case LIST_GROUPS -> new ListGroups(text());
            case MANAGE_GROUP ->
                new ManageGroup(
                        text(),
                        pick(SubscriptionKind.values()),
                        text(),
                        pick(ManageGroup.Action.values()),
                        text(),
                        random.nextLong());
        };
    }

    MillraceResponse response(MillraceApi api) {
        return switch (api) {
            case CONNECT ->
                new Connect.Response(
                        status(), random.nextInt(), uuid(), random.nextInt(), random.nextInt(), features());
            case OPEN_DESTINATION ->
                new OpenDestination.Response(
                        status(),
                        list(() -> new OpenDestination.PartitionLeader(
                                random.nextInt(), random.nextInt(), text(), random.nextInt())));
            case PULL -> new Pull.Response(status(), random.nextInt(), list(this::run));
            case ACKNOWLEDGE -> new Acknowledge.Response(status(), list(random::nextInt));
            case COMMIT -> new Commit.Response(status(), list(random::nextLong));
            case END_BRANCH -> new EndBranch.Response(status(), pick(EndBranch.Outcome.values()));
            case LIST_BRANCHES -> new ListBranches.Response(status(), list(this::listedBranch));
            case BEGIN_BUNDLE -> new BeginBundle.Response(status(), uuid());
            case ASK_DECISION -> new AskDecision.Response(status(), pick(AskDecision.Decision.values()));
            case BROWSE -> new Browse.Response(status(), random.nextLong(), random.nextLong(), list(this::run));
            case CREATE_TEMPORARY -> new CreateTemporary.Response(status(), text());
            case LIST_GROUPS -> new ListGroups.Response(status(), list(this::group));
            case MANAGE_GROUP -> new ManageGroup.Response(status(), random.nextLong());
            default -> new PlainResponse(status());
        };
    }

    private ListGroups.Group group() {
        return new ListGroups.Group(
                text(),
                pick(SubscriptionKind.values()),
                text(),
                random.nextInt(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextInt(),
                random.nextBoolean(),
                random.nextLong());
    }

    private BranchId branch() {
        int formatId = random.nextInt();
        return new BranchId(formatId == -1 ? 0 : formatId, hex(1 + random.nextInt(64)), hex(random.nextInt(65)));
    }

    private String hex(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return HexFormat.of().formatHex(content);
    }

    private ListBranches.Branch listedBranch() {
        return new ListBranches.Branch(
                branch(),
                pick(ListBranches.State.values()),
                random.nextLong(),
                list(() -> new ListBranches.Part(
                        text(), random.nextInt(), random.nextInt(), random.nextLong(), random.nextLong())));
    }

    private Pull.Run run() {
        return new Pull.Run(
                random.nextInt(),
                random.nextLong(),
                random.nextInt(),
                random.nextBoolean(),
                random.nextLong(),
                random.nextLong(),
                random.nextInt(),
                buffer());
    }

    private List<Acknowledgement> acks() {
        return list(() -> new Acknowledgement(
                random.nextLong(),
                random.nextInt(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                pick(AckType.values())));
    }

    private Status status() {
        return random.nextBoolean() ? Status.OK : Status.of(pick(ErrorCode.values()), text());
    }

    private Set<Feature> features() {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        features.addAll(list(() -> pick(Feature.values())));
        return features;
    }

    private ByteBuf buffer() {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return UnpooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes);
    }

    private String text() {
        return "text-\u00e4\u20ac" + "x".repeat(random.nextInt(200)) + random.nextInt();
    }

    private String nullableText() {
        return random.nextInt(3) == 0 ? null : text();
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private <T> T pick(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private <T> List<T> list(Supplier<T> element) {
        return Stream.generate(element).limit(random.nextInt(5)).toList();
    }
}
