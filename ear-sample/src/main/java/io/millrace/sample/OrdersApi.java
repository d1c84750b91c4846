// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.RequestScoped;
import jakarta.json.JsonObject;
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
import java.util.Map;
import java.util.UUID;

/** The HTTP API under {@code /api}. */
@Path("")
@RequestScoped
@Produces(MediaType.APPLICATION_JSON)
public class OrdersApi {
    @EJB
    private OrderService service;

    @EJB
    private Orders orders;

    @EJB
    private Board board;

    @EJB
    private PriceClient prices;

    /**
     * 201 once database and broker have the order on disk. Anything else, no answer too, may or may not have placed it.
     *
     * <p>Pattern: the client names its order, a UUID, and simply places it again until it hears 201; there will be one.
     */
    @POST
    @Path("orders")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response place(
            @FormParam("id") @DefaultValue("") String id,
            @FormParam("item") @DefaultValue("") String item,
            @FormParam("quantity") @DefaultValue("1") int quantity) {
        if (item.isBlank() || item.length() > 100) {
            return refuse(Status.BAD_REQUEST, "An order needs an item of 1 to 100 characters");
        }
        if (quantity < 1 || quantity > 1_000) {
            return refuse(Status.BAD_REQUEST, "The quantity is 1 to 1000, not " + quantity);
        }
        try {
            UUID uuid = id.isEmpty() ? UUID.randomUUID() : UUID.fromString(id);
            Order order = new Order(uuid.toString(), item.strip(), quantity);
            service.place(order);
            JsonObject placed = order.toJson("placed");
            return Response.status(Status.CREATED).entity(placed).build();
        } catch (IllegalArgumentException e) {
            return refuse(Status.BAD_REQUEST, "The id of an order is a UUID, not " + id);
        } catch (EJBException e) {
            return refuse(
                    Status.SERVICE_UNAVAILABLE, "The order may not be placed yet, place it again: " + e.getMessage());
        }
    }

    @GET
    @Path("orders")
    public Map<String, Object> latest(@QueryParam("since") @DefaultValue("0") long since) {
        return board.since(since);
    }

    @GET
    @Path("orders/{id}")
    public Response order(@PathParam("id") String id) {
        return orders.find(id)
                .map(order -> Response.ok(order).build())
                .orElseGet(() -> refuse(Status.NOT_FOUND, "There is no order " + id));
    }

    @GET
    @Path("stats")
    public JsonObject stats() {
        return orders.stats();
    }

    @GET
    @Path("price")
    public Response price(@QueryParam("item") @DefaultValue("") String item) {
        return prices.ask(item)
                .map(cents -> Response.ok(Map.of("cents", cents)).build())
                .orElseGet(() -> refuse(Status.SERVICE_UNAVAILABLE, "The price desk does not answer"));
    }

    private static Response refuse(Status status, String error) {
        Map<String, String> body = Map.of("error", error);
        return Response.status(status).entity(body).build();
    }
}
