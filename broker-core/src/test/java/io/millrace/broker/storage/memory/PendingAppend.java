// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One atomic append that is not durable yet. */
record PendingAppend(List<PendingPart> parts, CompletableFuture<Void> future) {}
