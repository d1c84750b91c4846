// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import org.apache.kafka.common.Uuid;

/** A partition as share requests name it. */
record ShareTarget(Uuid topicId, int partition) {}
