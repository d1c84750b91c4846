// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The HTTP API under {@code /api}. */
@Path("")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class OrdersApi {
    private static final int MAX_QUANTITY = 1_000;
    private static final int MAX_ITEM_CHARS = 100;

    @EJB
    private OrderService service;

    @Inject
    private Board board;

    @POST
    @Path("orders")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response placeForm(
            @FormParam("item") @Nullable String item, @FormParam("quantity") @DefaultValue("1") int quantity) {
        return place(item, quantity);
    }

    @POST
    @Path("orders")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response placeJson(JsonObject body) {
        String item = body.get("item") instanceof JsonString text ? text.getString() : null;
        return place(item, body.get("quantity") instanceof JsonNumber number ? number.intValue() : 1);
    }

    /** 201 with the id once the broker has the order on disk; 503 when it cannot take it. */
    private Response place(@Nullable String item, int quantity) {
        if (item == null || item.isBlank() || item.length() > MAX_ITEM_CHARS) {
            return refuse(Status.BAD_REQUEST, "An order needs an item of 1 to " + MAX_ITEM_CHARS + " characters");
        }
        if (quantity < 1 || quantity > MAX_QUANTITY) {
            return refuse(Status.BAD_REQUEST, "The quantity is 1 to " + MAX_QUANTITY + ", not " + quantity);
        }
        Order order = new Order(UUID.randomUUID().toString(), item.strip(), quantity);
        try {
            service.place(order);
        } catch (EJBException e) {
            return refuse(Status.SERVICE_UNAVAILABLE, "The broker cannot take the order now: " + reason(e));
        }
        board.placed(order);
        return Response.status(Status.CREATED).entity(order.toJson()).build();
    }

    @GET
    @Path("orders")
    public JsonObject orders(@QueryParam("since") @DefaultValue("0") long since) {
        return board.since(since);
    }

    @GET
    @Path("orders/{id}")
    public JsonObject order(@PathParam("id") String id) {
        return Json.createObjectBuilder()
                .add("id", id)
                .add("processed", board.timesProcessed(id))
                .build();
    }

    @GET
    @Path("stats")
    public JsonObject stats() {
        return board.stats();
    }

    private static Response refuse(Status status, String error) {
        return Response.status(status)
                .entity(Json.createObjectBuilder().add("error", error).build())
                .build();
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
