// @ts-check
/**
 * Draws agents as points with WebGL2: a frame is uploaded once, and the glide to it happens on the
 * graphics processor, so that drawing costs the same few calls for ten agents and for ten thousand.
 * @typedef {import("./scene.js").Picture} Picture
 * @typedef {import("./scene.js").Look} Look
 */

const VERTEX = `#version 300 es
in vec2 begin; in vec2 end; in uint level; in uint shape;
uniform float progress; uniform vec3 camera; uniform vec2 screen; uniform float size;
uniform sampler2D colors;
flat out vec4 color; flat out uint form;
void main() {
  vec2 at = mix(begin, end, progress) * camera.x + camera.yz;
  gl_Position = vec4(at / screen * 2.0 - 1.0, 0.0, 1.0) * vec4(1.0, -1.0, 1.0, 1.0);
  gl_PointSize = size;
  color = texelFetch(colors, ivec2(int(level), 0), 0);
  form = shape;
}`;

// Distance to the outline of the shape, in point coordinates: below 0 is inside.
const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 color; flat in uint form;
uniform float size; uniform vec4 rim;
out vec4 drawn;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * 2.0;
  vec2 side = abs(at);
  float away = length(at) - 0.86;
  if (form == 1u) away = max(side.x, side.y) - 0.74;
  else if (form == 2u) away = side.x + side.y - 0.96;
  else if (form == 3u) away = max(side.x * 0.86 - at.y * 0.5 - 0.46, at.y - 0.62);
  else if (form == 4u) away = max(min(side.x, side.y) - 0.3, max(side.x, side.y) - 0.9);
  else if (form == 5u) away = max(side.x, side.y) - 0.94;
  float pixel = 2.0 / size;
  float cover = 1.0 - smoothstep(-pixel, pixel * 0.4, away);
  if (cover <= 0.0) discard;
  float inner = form == 5u ? 0.0 : smoothstep(-2.6 * pixel, -1.2 * pixel, away) * rim.a;
  drawn = vec4(mix(color.rgb, rim.rgb, inner), 1.0) * cover;
}`;

export class WebglPoints {
  /**
   * The painter for a canvas, or null where WebGL2 is not to be had.
   * @param {HTMLCanvasElement} canvas
   * @returns {WebglPoints | null}
   */
  static on(canvas) {
    // Where it is only emulated, Canvas2D is faster.
    const gl = canvas.getContext("webgl2", { antialias: false, failIfMajorPerformanceCaveat: true });
    const program = gl && linked(gl);
    return gl && program ? new WebglPoints(gl, program) : null;
  }

  /** @param {WebGL2RenderingContext} gl @param {WebGLProgram} program */
  constructor(gl, program) {
    this.gl = gl;
    this.program = program;
    this.agents = 0;
    gl.useProgram(program);
    this.places = new Map(["progress", "camera", "screen", "size", "rim"].map(
      (name) => [name, gl.getUniformLocation(program, name)]));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(gl.createVertexArray());
    this.buffers = {
      begin: this.#attribute("begin", 2, gl.FLOAT),
      end: this.#attribute("end", 2, gl.FLOAT),
      level: this.#attribute("level", 1, gl.UNSIGNED_BYTE),
      shape: this.#attribute("shape", 1, gl.UNSIGNED_BYTE),
    };
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  }

  /** New places, levels and shapes of the agents. @param {Picture} picture */
  upload(picture) {
    const { gl } = this;
    this.agents = picture.to.length / 2;
    this.#fill(this.buffers.begin, picture.from);
    this.#fill(this.buffers.end, picture.to);
    this.#fill(this.buffers.level, picture.levels);
    this.#fill(this.buffers.shape, picture.shapes);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, picture.palette);
  }

  /** @param {Look} look */
  draw(look) {
    const { gl } = this;
    const { camera, ratio, size, progress, rim } = look;
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform1f(this.#place("progress"), progress);
    gl.uniform3f(this.#place("camera"), camera.scale, camera.left, camera.top);
    gl.uniform2f(this.#place("screen"), gl.drawingBufferWidth / ratio,
      gl.drawingBufferHeight / ratio);
    gl.uniform1f(this.#place("size"), Math.max(1, size * ratio));
    gl.uniform4f(this.#place("rim"), rim[0] / 255, rim[1] / 255, rim[2] / 255, size > 5 ? 1 : 0);
    gl.drawArrays(gl.POINTS, 0, this.agents);
  }

  close() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** @param {string} name */
  #place(name) {
    return this.places.get(name) ?? null;
  }

  /** @param {string} name @param {number} size @param {number} type */
  #attribute(name, size, type) {
    const { gl } = this;
    const buffer = gl.createBuffer();
    const place = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(place);
    if (type === gl.FLOAT) gl.vertexAttribPointer(place, size, type, false, 0, 0);
    else gl.vertexAttribIPointer(place, size, type, 0, 0);
    return buffer;
  }

  /** @param {WebGLBuffer | null} buffer @param {Float32Array | Uint8Array} values */
  #fill(buffer, values) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, buffer);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, values, this.gl.DYNAMIC_DRAW);
  }
}

/** @param {WebGL2RenderingContext} gl @returns {WebGLProgram | null} */
function linked(gl) {
  const program = gl.createProgram();
  for (const [type, source] of /** @type {const} */ ([
    [gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT],
  ])) {
    const shader = gl.createShader(type);
    if (!program || !shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
