// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.delivery.Links;
import io.millrace.broker.delivery.Settled;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.ClientRecords;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.AskDeletion;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.DeleteTemporary;
import io.millrace.protocol.message.Disconnect;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.Heartbeat;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Spill;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.Unsubscribe;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Answers Millrace's own requests. Safe for any thread. */
public final class JmsApis implements MillraceHandler {
    private static final Set<Feature> FEATURES = Set.of(
            Feature.LOCAL_TRANSACTIONS,
            Feature.SELECTORS,
            Feature.DURABLE_SUBSCRIPTIONS,
            Feature.DELIVERY_DELAY,
            Feature.XA,
            Feature.COORDINATED_TRANSACTIONS,
            Feature.LARGE_TRANSACTIONS,
            Feature.TEMPORARY_DESTINATIONS,
            Feature.BROWSERS);

    private static final UUID NO_TOPIC = new UUID(0, 0);

    private final int brokerId;
    private final UUID brokerIncarnation;
    private final int maxFrameBytes;
    private final Links links;
    private final Destinations destinations;

    private JmsApis(int brokerId, UUID brokerIncarnation, int maxFrameBytes, Links links, Destinations destinations) {
        this.brokerId = brokerId;
        this.brokerIncarnation = brokerIncarnation;
        this.maxFrameBytes = maxFrameBytes;
        this.links = links;
        this.destinations = destinations;
    }

    /**
     * Registers the handlers of all of Millrace's own APIs.
     *
     * @param brokerIncarnation fresh at each start of this broker
     * @param maxFrameBytes the largest request the network takes
     * @param made what a destination is made with at its first use
     */
    public static KafkaApis.Builder register(
            KafkaApis.Builder apis,
            int brokerId,
            UUID brokerIncarnation,
            int maxFrameBytes,
            Cluster cluster,
            Topics topics,
            Links links,
            NewDestinations made) {
        Destinations destinations = new Destinations(cluster, topics, links, made);
        return apis.on(
                List.of(MillraceApi.values()),
                new JmsApis(brokerId, brokerIncarnation, maxFrameBytes, links, destinations));
    }

    @Override
    public CompletionStage<? extends MillraceResponse> handle(RequestContext context, MillraceRequest request) {
        long connection = context.connection().id();
        if (request instanceof Connect connect) {
            return connect(context, connect);
        } else if (request instanceof OpenDestination open) {
            return answered(
                    links.submit(connection, link -> CompletableFuture.completedFuture(null))
                            .thenCompose(alive -> destinations.open(open)),
                    leaders -> new OpenDestination.Response(Status.OK, leaders),
                    status -> new OpenDestination.Response(status, List.of()));
        } else if (request instanceof Pull pull) {
            return answered(
                    links.submit(connection, link -> link.pull(pull)),
                    runs -> new Pull.Response(Status.OK, pull.sessionEpoch(), runs),
                    status -> new Pull.Response(status, pull.sessionEpoch(), List.of()));
        } else if (request instanceof Acknowledge ack) {
            return acknowledge(connection, ack);
        } else if (request instanceof Commit commit) {
            return answered(
                    commit(connection, commit),
                    offsets -> new Commit.Response(Status.OK, offsets),
                    status -> new Commit.Response(status, List.of()));
        }
        if (request instanceof Prepare prepare) {
            return answered(prepare(connection, prepare), done -> PlainResponse.OK, PlainResponse::new);
        } else if (request instanceof Spill spill) {
            return answered(spill(connection, spill), done -> PlainResponse.OK, PlainResponse::new);
        } else if (request instanceof EndBranch end) {
            return answered(
                    links.endBranch(end),
                    outcome -> new EndBranch.Response(Status.OK, outcome),
                    status -> new EndBranch.Response(status, EndBranch.Outcome.DONE));
        } else if (request instanceof ListBranches list) {
            return answered(
                    links.branches(list),
                    branches -> new ListBranches.Response(Status.OK, branches),
                    status -> new ListBranches.Response(status, List.of()));
        }
        if (request instanceof BeginBundle begin) {
            return answered(
                    links.submit(connection, link -> link.begin(begin)),
                    topicId -> new BeginBundle.Response(Status.OK, topicId),
                    status -> new BeginBundle.Response(status, NO_TOPIC));
        } else if (request instanceof AskDecision ask) {
            return answered(
                    links.ask(ask),
                    decision -> new AskDecision.Response(Status.OK, decision),
                    status -> new AskDecision.Response(status, AskDecision.Decision.OPEN));
        } else if (request instanceof EndBundle end) {
            return answered(
                    links.submit(connection, link -> links.endBundle(end)),
                    done -> PlainResponse.OK,
                    PlainResponse::new);
        }
        if (request instanceof AskDeletion ask) {
            String refusal = links.refusalToDelete(ask.topicId());
            return CompletableFuture.completedFuture(
                    refusal == null
                            ? PlainResponse.OK
                            : new PlainResponse(Status.of(ErrorCode.WRONG_BRANCH_STATE, refusal)));
        }
        if (request instanceof Browse browse) {
            return answered(
                    links.submit(connection, link -> link.browse(browse)),
                    page -> page,
                    status -> new Browse.Response(status, 0, 0, List.of()));
        }
        if (request instanceof ListGroups list) {
            return answered(
                    links.admin().list(list),
                    groups -> new ListGroups.Response(Status.OK, groups),
                    status -> new ListGroups.Response(status, List.of()));
        } else if (request instanceof ManageGroup manage) {
            return answered(
                    links.admin().manage(manage),
                    count -> new ManageGroup.Response(Status.OK, count),
                    status -> new ManageGroup.Response(status, 0));
        }
        if (request instanceof CreateTemporary create) {
            return answered(
                    links.submit(connection, link -> link.createTemporary(create)),
                    name -> new CreateTemporary.Response(Status.OK, name),
                    status -> new CreateTemporary.Response(status, ""));
        }
        if (request instanceof Disconnect) {
            return answered(links.disconnect(connection), done -> PlainResponse.OK, PlainResponse::new);
        }
        return answered(plain(connection, request), done -> PlainResponse.OK, PlainResponse::new);
    }

    private CompletableFuture<List<Long>> commit(long connection, Commit request) {
        try {
            validate(request.sends());
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return links.submit(connection, link -> link.commit(request));
    }

    private CompletableFuture<Void> prepare(long connection, Prepare request) {
        try {
            validate(request.sends());
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return links.submit(connection, link -> link.prepare(request));
    }

    private CompletableFuture<Void> spill(long connection, Spill request) {
        try {
            validate(request.sends());
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return links.submit(connection, link -> link.spill(request));
    }

    private static void validate(List<Commit.Send> sends) {
        for (Commit.Send send : sends) {
            ClientRecords.validate(send.batch(), send.destination());
        }
    }

    private CompletableFuture<Void> plain(long connection, MillraceRequest request) {
        return links.submit(connection, link -> {
            if (request instanceof Subscribe subscribe) {
                return link.subscribe(subscribe);
            } else if (request instanceof Drain drain) {
                return link.drain(drain);
            } else if (request instanceof RecoverSession recover) {
                return link.recover(recover);
            } else if (request instanceof CloseConsumer close) {
                return link.closeConsumer(close);
            } else if (request instanceof CloseSession close) {
                return link.closeSession(close);
            } else if (request instanceof DeleteTemporary delete) {
                return link.deleteTemporary(delete);
            } else if (request instanceof Unsubscribe unsubscribe) {
                return link.unsubscribe(unsubscribe);
            } else if (request instanceof Heartbeat) {
                return CompletableFuture.completedFuture(null);
            }
            return CompletableFuture.failedFuture(new IllegalStateException("no handler for " + request.api()));
        });
    }

    private CompletableFuture<MillraceResponse> connect(RequestContext context, Connect request) {
        RequestContext.Connection connection = context.connection();
        CompletableFuture<Integer> connected = links.connect(connection.id(), request, connection::close);
        connection.onClose(() -> Completions.whenDone(
                links.onConnectionClosed(connection.id()), (done, failure) -> logIfDefect(failure)));
        return answered(
                connected,
                timeoutMs -> new Connect.Response(
                        Status.OK, brokerId, brokerIncarnation, timeoutMs, maxFrameBytes, FEATURES),
                status -> new Connect.Response(status, brokerId, brokerIncarnation, 0, maxFrameBytes, FEATURES));
    }

    private static void logIfDefect(@Nullable Throwable failure) {
        if (failure != null) {
            var unused = MillraceErrors.status(failure);
        }
    }

    private CompletableFuture<MillraceResponse> acknowledge(long connection, Acknowledge request) {
        List<Integer> all = IntStream.range(0, request.acks().size()).boxed().toList();
        return answered(
                links.submit(connection, link -> link.acknowledge(request)),
                JmsApis::acknowledged,
                status -> new Acknowledge.Response(status, all));
    }

    private static MillraceResponse acknowledged(Settled settled) {
        Throwable cause = settled.cause();
        return new Acknowledge.Response(cause == null ? Status.OK : MillraceErrors.status(cause), settled.refused());
    }

    private static <T> CompletableFuture<MillraceResponse> answered(
            CompletableFuture<T> outcome,
            Function<T, MillraceResponse> success,
            Function<Status, MillraceResponse> refusal) {
        return outcome.thenApply(success).exceptionally(failure -> refusal.apply(MillraceErrors.status(failure)));
    }
}
