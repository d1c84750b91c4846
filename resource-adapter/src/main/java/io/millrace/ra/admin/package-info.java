// SPDX-License-Identifier: Apache-2.0
/** Queues and topics as administered objects of a server. */
@NullMarked
package io.millrace.ra.admin;

import org.jspecify.annotations.NullMarked;
