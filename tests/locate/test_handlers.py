"""Each framework's way to register a route leads to its handler; what only looks like one does not."""

import pytest

from improver.locate.handlers import handlers
from improver.locate.routes import asked, best


def where(files: dict[str, str], route: str) -> list[tuple[str, int, str]]:
    found = best(asked(route), handlers(files, files))
    return [(one.file, one.line, one.function or one.refers) for one in found]


FLASK = """
from flask import Blueprint
orders = Blueprint("orders", __name__, url_prefix="/orders")

@orders.route("/<int:id>", methods=["GET", "DELETE"])
@login_required
def detail(id):
    return id

app.add_url_rule("/about", view_func=pages.about)
"""
FASTAPI = """
router = APIRouter(prefix="/orders")

@router.get(
    "/{order_id}",
    response_model=Order,
)
async def read_order(order_id: int): ...

@router.post("")
def create(): ...
"""
DJANGO = """
from . import views
from shop.pages import about
urlpatterns = [
    path("orders/<int:pk>/", views.OrderDetail.as_view(), name="detail"),
    re_path(r"^old/(?P<pk>[0-9]+)/$", views.old),
    path("about/", about),
    path("shop/", include("shop.urls")),
]
"""
EXPRESS = """
const express = require('express');
const router = express.Router();
const { show } = require('./controllers/orders');
router.get('/:id', auth, show);
router.post('/', async (req, res) => { res.json({}) });
axios.get('/orders/:id', { params: {} });
module.exports = router;
"""
MOUNTED = """const orders = require('./routes/orders');
app.use('/api/orders', orders);
app.get('/health', (q, s) => s.end());
"""
NEST = """
@Controller('orders')
export class OrdersController {
  @Get(':id')
  @UseGuards(AuthGuard)
  findOne(@Param('id') id: string) {}
}
"""
FASTIFY = """fastify.route({
  method: 'GET',
  url: '/orders/:id',
  handler
})
fastify.get('/x', { schema }, showX)
"""
RAILS = """
Rails.application.routes.draw do
  namespace :admin do
    resources :users, only: [:index, :show]
  end
  get '/orders/:id', to: 'orders#show'
  resources :carts
end
"""
LARAVEL = r"""<?php
Route::get('/orders/{id}', [OrderController::class, 'show']);
Route::post('/orders', 'OrderController@store');
"""
SPRING = """
@RestController
@RequestMapping("/orders")
public class OrderController {
    @GetMapping("/{id}")
    public Order show(@PathVariable long id) {
        return null;
    }

    @PostMapping
    public Order create() {
        return null;
    }
}
"""
JAXRS = """
@Path("/orders")
public class Orders {
    @GET
    @Path("/{id}")
    public Response show(long id) { return null; }
}
"""
GO = """func main() {
\tmux.HandleFunc("GET /orders/{id}", s.showOrder)
\tr.Post("/orders", createOrder)
\tr.GET("/x", func(c C) {
\t})
}
"""
AXUM = 'Router::new()\n    .route("/orders/{id}", get(orders::show).post(orders::save))\n'
ACTIX = '#[get("/orders/{id}")]\npub async fn show(id: Path<u32>) -> String {\n    x\n}\n'
ASPNET = """
[Route("api/[controller]")]
public class OrdersController : Controller
{
    [HttpGet("{id}")]
    public IActionResult Show(int id) { return Ok(); }
}
"""
PHOENIX = '    get "/orders/:id", OrderController, :show\n'
PLAIN = "if (req.url === '/catalogue') {\n  x()\n}\nswitch (url.pathname) {\n  case '/about':\n    y()\n}\n"


@pytest.mark.parametrize(
    ("files", "route", "found"),
    [
        ({"orders.py": FLASK}, "GET /orders/<id>", ("orders.py", 7, "detail")),
        ({"orders.py": FLASK}, "/about", ("orders.py", 10, "pages.about")),
        ({"orders.py": FASTAPI}, "GET /orders/{order_id}", ("orders.py", 8, "read_order")),
        ({"orders.py": FASTAPI}, "POST /v1/orders", ("orders.py", 11, "create")),
        ({"urls.py": DJANGO}, "/orders/42/", ("urls.py", 5, "views.OrderDetail")),
        ({"urls.py": DJANGO}, "/old/<pk>", ("urls.py", 6, "views.old")),
        ({"urls.py": DJANGO}, "/about/", ("urls.py", 7, "shop.pages.about")),
        ({"urls.py": DJANGO, "shop/urls.py": "urlpatterns = [path('cart', views.cart)]"}, "/shop/cart",
            ("shop/urls.py", 1, "views.cart")),
        ({"routes/orders.js": EXPRESS, "app.js": MOUNTED}, "GET /api/orders/:id",
            ("routes/orders.js", 5, "./controllers/orders#show")),
        ({"routes/orders.js": EXPRESS, "app.js": MOUNTED}, "POST /api/orders", ("routes/orders.js", 6, "")),
        ({"app.js": MOUNTED}, "/health", ("app.js", 3, "")),
        ({"orders.ts": NEST}, "GET /orders/:id", ("orders.ts", 6, "findOne")),
        ({"server.ts": FASTIFY}, "GET /orders/7", ("server.ts", 1, "")),
        ({"server.ts": FASTIFY}, "GET /x", ("server.ts", 6, "showX")),
        ({"config/routes.rb": RAILS}, "GET /admin/users/5", ("config/routes.rb", 4, "admin/users#show")),
        ({"config/routes.rb": RAILS}, "GET /orders/:id", ("config/routes.rb", 6, "orders#show")),
        ({"config/routes.rb": RAILS}, "DELETE /carts/:id", ("config/routes.rb", 7, "carts#destroy")),
        ({"routes/web.php": LARAVEL}, "GET /orders/{id}", ("routes/web.php", 2, "OrderController#show")),
        ({"routes/web.php": LARAVEL}, "POST /orders", ("routes/web.php", 3, "OrderController#store")),
        ({"OrderController.java": SPRING}, "GET /orders/{id}", ("OrderController.java", 6, "show")),
        ({"OrderController.java": SPRING}, "POST /orders", ("OrderController.java", 11, "create")),
        ({"Orders.java": JAXRS}, "GET /orders/{id}", ("Orders.java", 6, "show")),
        ({"main.go": GO}, "GET /orders/{id}", ("main.go", 2, "showOrder")),
        ({"main.go": GO}, "POST /orders", ("main.go", 3, "createOrder")),
        ({"main.go": GO}, "GET /x", ("main.go", 4, "")),
        ({"main.rs": AXUM}, "POST /orders/{id}", ("main.rs", 2, "orders.save")),
        ({"orders.rs": ACTIX}, "GET /orders/{id}", ("orders.rs", 2, "show")),
        ({"Orders.cs": ASPNET}, "GET /api/orders/5", ("Orders.cs", 6, "Show")),
        ({"router.ex": PHOENIX}, "GET /orders/:id", ("router.ex", 1, "OrderController#show")),
        ({"files.js": PLAIN}, "/catalogue", ("files.js", 1, "")),
        ({"files.js": PLAIN}, "/about", ("files.js", 5, "")),
    ],
)  # fmt: skip
def test_the_handler_of_a_route_is_found(files, route, found):
    assert where(files, route) == [found]


@pytest.mark.parametrize(
    "file",
    [
        "app/orders/[id]/page.tsx", "src/app/(shop)/orders/[id]/page.tsx", "pages/orders/[id].tsx",
        "src/routes/orders/[id]/+page.svelte", "app/routes/orders.$id.tsx", "pages/orders/[id].vue",
        "src/pages/orders/[id].astro",
    ],
)  # fmt: skip
def test_a_file_can_be_the_route(file):
    assert where({file: ""}, "GET /orders/42") == [(file, 1, "")]


@pytest.mark.parametrize(
    "source",
    ["axios.get('/orders', { x })\n", "api.get('/orders')\n", "cache.get('/orders', fallback)\n", "// see '/orders'\n"],
)
def test_who_asks_a_route_is_not_who_answers_it(source):
    assert where({"client.js": source}, "GET /orders") == []


def test_code_that_does_not_parse_registers_nothing():
    assert where({"a.py": "@app.get('/x'\ndef x(:", "b.rb": "get '/x' do" * 3}, "/x") in ([], [("b.rb", 1, "")])
