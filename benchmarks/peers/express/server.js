// The seed's stack: Express + Sequelize. One row by key, the caller checked by his token, foreign projects 404.
const express = require("express");
const jwt = require("jsonwebtoken");
const { Sequelize, DataTypes } = require("sequelize");

const db = new Sequelize(process.env.DATABASE_URL, { dialect: "postgres", logging: false, pool: { max: 10, min: 10 } });
const Project = db.define("Project", {
  id: { type: DataTypes.UUID, primaryKey: true },
  userId: { type: DataTypes.TEXT, field: "user_id" },
  status: DataTypes.STRING,
  progress: DataTypes.INTEGER,
  progressMessage: { type: DataTypes.STRING, field: "progress_message" },
  completedAt: { type: DataTypes.DATE, field: "completed_at" },
  notified: DataTypes.BOOLEAN,
}, { tableName: "video_projects", timestamps: false });

const app = express();
app.disable("x-powered-by");
app.get("/api/video-creation/projects/:id/status", async (req, res) => {
  let user;
  try {
    const token = (req.headers.authorization || "").replace("Bearer ", "");
    user = jwt.verify(token, process.env.JWT_SECRET, { algorithms: ["HS256"], issuer: "bench", audience: "reelay" }).sub;
  } catch {
    return res.status(401).json({ code: "unauthorized" });
  }
  const found = await Project.findByPk(req.params.id);
  if (!found || found.userId !== user) return res.status(404).json({ code: "project_not_found" });
  res.json(found);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
